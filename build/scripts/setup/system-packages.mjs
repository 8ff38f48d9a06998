/**
 * What the machine must have beside Node. `run` is needed to run the product from a clone; `test` are the real peers that the tests
 * drive. A name is Debian's; `probe` is a program or a file whose presence shows that the package is there.
 */
export const systemPackages = {
  run: [
    {
      name: "libatomic1",
      probe: ["/usr/lib/x86_64-linux-gnu/libatomic.so.1", "/usr/lib/aarch64-linux-gnu/libatomic.so.1", "/lib64/libatomic.so.1"],
    },
  ],
  test: [
    { name: "chromium", probe: ["chromium"] },
    { name: "curl", probe: ["curl"] },
    { name: "git", probe: ["git"] },
    { name: "openssh-client", probe: ["ssh"] },
    { name: "openssh-server", probe: ["sshd"] },
    { name: "netcat-openbsd", probe: ["nc.openbsd"] },
    { name: "microsocks", probe: ["microsocks"] },
    { name: "tinyproxy", probe: ["tinyproxy"] },
    { name: "haproxy", probe: ["haproxy"] },
    { name: "dante-server", probe: ["danted"] },
    { name: "nginx", probe: ["nginx"] },
    { name: "util-linux", probe: ["setpriv"] },
    { name: "procps", probe: ["ps"] },
    { name: "build-essential", probe: ["cc"] },
    { name: "stunnel4", probe: ["stunnel"] },
    { name: "gnutls-bin", probe: ["gnutls-serv"] },
    { name: "softhsm2", probe: ["softhsm2-util"] },
    { name: "opensc", probe: ["pkcs11-tool"] },
    { name: "swtpm", probe: ["swtpm"] },
    { name: "swtpm-tools", probe: ["swtpm_setup"] },
    { name: "tpm2-abrmd", probe: ["tpm2-abrmd"] },
    {
      name: "libtss2-tcti-tabrmd0",
      probe: ["/usr/lib/x86_64-linux-gnu/libtss2-tcti-tabrmd.so.0", "/usr/lib/aarch64-linux-gnu/libtss2-tcti-tabrmd.so.0"],
    },
    { name: "libtpm2-pkcs11-tools", probe: ["tpm2_ptool"] },
    {
      name: "libtpm2-pkcs11-1",
      probe: ["/usr/lib/x86_64-linux-gnu/pkcs11/libtpm2_pkcs11.so", "/usr/lib/aarch64-linux-gnu/pkcs11/libtpm2_pkcs11.so"],
    },
    { name: "dbus-daemon", probe: ["dbus-daemon"] },
    { name: "openssl", probe: ["openssl"] },
    { name: "postgresql", probe: ["/usr/lib/postgresql"] },
    { name: "proxychains4", probe: ["proxychains4"] },
    { name: "socat", probe: ["socat"] },
  ],
  bench: [
    { name: "microsocks", probe: ["microsocks"] },
    { name: "dante-server", probe: ["danted"] },
    { name: "tinyproxy", probe: ["tinyproxy"] },
    { name: "haproxy", probe: ["haproxy"] },
    { name: "stunnel4", probe: ["stunnel"] },
    { name: "openssl", probe: ["openssl"] },
    { name: "libssl-dev", probe: ["/usr/include/openssl/ssl.h"] },
    { name: "softhsm2", probe: ["softhsm2-util"] },
    { name: "opensc", probe: ["pkcs11-tool"] },
    { name: "gcc", probe: ["cc"] },
    { name: "libc6-dev", probe: ["/usr/include/stdio.h"] },
  ],
};
