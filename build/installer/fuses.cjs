/**
 * Switches in Electron's executable that nobody can turn back without breaking its signature. In the order of the fuse wire; all of them must be
 * named, so that a new one of a later Electron stops the packaging until somebody thought about it.
 */
exports.fuses = [
  ["RunAsNode", false],
  ["EnableCookieEncryption", true],
  ["EnableNodeOptionsEnvironmentVariable", false],
  ["EnableNodeCliInspectArguments", false],
  ["EnableEmbeddedAsarIntegrityValidation", true],
  ["OnlyLoadAppFromAsar", true],
  ["LoadBrowserProcessSpecificV8Snapshot", false],
  ["GrantFileProtocolExtraPrivileges", false],
];
