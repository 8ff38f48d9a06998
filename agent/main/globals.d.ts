/** Put in by the build from package.json. */
declare const __PORTAIL_VERSION__: string;
