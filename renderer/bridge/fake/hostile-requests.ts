import { type FakeRequest, fakeRequests } from "./fake-requests.ts";

const [plain] = fakeRequests;

/** Names that try to break a screen: endless, right-to-left, markup, controls, look-alikes. */
export const hostileRequests: readonly FakeRequest[] = [
  {
    ...plain,
    host: `${"long-label-".repeat(5)}x.${"very-deep.".repeat(18)}example`,
    program: `/opt/${"folder/".repeat(60)}program-with-an-endless-name`,
  },
  { ...plain, host: '<img src=x onerror="window.pwned=1">.example', program: "/tmp/<script>window.pwned=1</script>" },
  { ...plain, host: "\u202Emoc.knab\u202C.example", program: "/usr/bin/\u202Etxt.exe" },
  { ...plain, host: "مثال.example", program: "/usr/bin/متصفح" },
  { ...plain, host: "a\u0000b\u001B[31mred\u0007.example", program: "/usr/bin/\u001B]0;title\u0007" },
  { ...plain, host: "xn--pypal-4ve.example", program: "/usr/bin/👩🏽‍💻".normalize() },
];
