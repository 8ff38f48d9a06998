import fc from "fast-check";
import { expect, test } from "vitest";
import { lookAtProcess, parseExeLink, parseStartTicks, parseUnit } from "./proc-process.ts";

test("the start is read behind a program's name, whatever is in the name", () => {
  const rest = `S ${Array.from({ length: 18 }, (_, index) => index).join(" ")} 4711 0 0`;
  for (const name of ["node", "a b", "a) S 1", ") ) (", ""]) expect(parseStartTicks(`42 (${name}) ${rest}`)).toBe(4711);
  expect(parseStartTicks("")).toBeUndefined();
  expect(parseStartTicks("42 (x) S 1 2")).toBeUndefined();
});

test("a replaced program keeps its path", () => {
  expect(parseExeLink("/usr/bin/curl (deleted)")).toEqual({ exe: "/usr/bin/curl", exeDeleted: true });
  expect(parseExeLink("/opt/a (deleted) b")).toEqual({ exe: "/opt/a (deleted) b", exeDeleted: false });
});

test.each([
  ["0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-gnome-org.mozilla.firefox-4711.scope\n", "org.mozilla.firefox"],
  ["0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-flatpak-org.chromium.Chromium-99.scope\n", "org.chromium.Chromium"],
  ["0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-org.kde.konsole-1234.scope\n", "org.kde.konsole"],
  ["0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-gnome-some\\x2dthing-7.scope\n", "some-thing"],
  ["0::/user.slice/user-1000.slice/session-2.scope\n", "session-2.scope"],
  ["0::/system.slice/ssh.service\n", "ssh.service"],
  ["0::/system.slice/docker.service/payload/inner\n", "docker.service"],
  ["12:cpu:/x\n1:name=systemd:/system.slice/cron.service\n", "cron.service"],
  ["0::/\n", undefined],
  ["", undefined],
])("the unit of %j is %j", (cgroup, unit) => {
  expect(parseUnit(cgroup)).toBe(unit);
});

test("any text of the kernel is read without throwing", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      parseStartTicks(text);
      parseExeLink(text);
      parseUnit(text);
      parseUnit(`0::/${text}`);
    }),
  );
});

test.runIf(process.platform === "linux")("this process is seen as it is", () => {
  expect(lookAtProcess(process.pid)).toMatchObject({ exe: process.execPath, uid: process.getuid?.() });
  expect(lookAtProcess(2 ** 22 + 1)).toBeUndefined();
});
