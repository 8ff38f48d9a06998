import { z } from "zod";

/**
 * SECURITY: the page's Content-Security-Policy forbids code from strings. Without this the schema library would try it once, be stopped
 * and be reported. Importing this file is enough; it must come before the first parse.
 */
z.config({ jitless: true });
