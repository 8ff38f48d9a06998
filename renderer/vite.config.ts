import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const here = (path: string) => decodeURIComponent(new URL(path, import.meta.url).pathname);

/**
 * `vite build renderer` writes the product's screens to out/renderer, with relative addresses: the same files serve under app:// and http.
 * `vite build renderer --mode fake` writes the same screens on the fake bridge to out/renderer-fake, for tests and design work; its entry
 * is another file, so nothing fake can reach the product's bundle.
 */
export default defineConfig(({ mode }) => ({
  root: here("."),
  base: "./",
  plugins: [react()],
  build: {
    outDir: here(mode === "fake" ? "../out/renderer-fake" : "../out/renderer"),
    emptyOutDir: true,
    target: "chrome146",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: here(mode === "fake" ? "fake.html" : "index.html") },
  },
  server: { host: "127.0.0.1", port: 0 },
  preview: { host: "127.0.0.1", port: 0 },
}));
