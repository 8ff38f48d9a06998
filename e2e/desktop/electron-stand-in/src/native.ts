import { EventEmitter } from "node:events";
import fs from "node:fs";
import { browser } from "./browser.ts";
import { eventOf, note, strict } from "./strict.ts";

export class NativeImage {
  private readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
  /** As the real one: no file, or no picture. */
  isEmpty(): boolean {
    return this.getSize().width === 0;
  }
  getSize(): { width: number; height: number } {
    const isPng = this.bytes.length > 24 && this.bytes.readUInt32BE(0) === 0x89504e47;
    return isPng ? { width: this.bytes.readUInt32BE(16), height: this.bytes.readUInt32BE(20) } : { width: 0, height: 0 };
  }
}

export const nativeImage = strict("nativeImage", {
  createFromPath: (file: string) => strict("NativeImage", new NativeImage(fs.existsSync(file) ? fs.readFileSync(file) : Buffer.alloc(0))),
});

/** As much of a picture as the tray asks for. */
type Image = Pick<NativeImage, "isEmpty">;

interface ItemTemplate {
  readonly id?: string;
  readonly label?: string;
  readonly type?: string;
  readonly enabled?: boolean;
  readonly visible?: boolean;
  readonly click?: unknown;
}

export class MenuItem {
  readonly id: string;
  readonly label: string;
  readonly enabled: boolean;
  readonly visible: boolean;
  readonly click: () => void;

  constructor(template: ItemTemplate) {
    this.id = template.id ?? "";
    this.label = template.label ?? "";
    this.enabled = template.enabled ?? true;
    this.visible = template.visible ?? true;
    this.click = () => {
      if (typeof template.click === "function") Reflect.apply(template.click, undefined, [this]);
    };
  }
}

export class Menu extends EventEmitter {
  readonly items: MenuItem[] = [];

  static buildFromTemplate(templates: ItemTemplate[]): Menu {
    const menu = new Menu();
    for (const template of templates) {
      if (template.label === undefined && template.type !== "separator")
        throw new TypeError("Invalid template for MenuItem: must have at least one of label, role or type");
      menu.items.push(new MenuItem(template));
    }
    return menu;
  }
  static setApplicationMenu(_menu: object | null): void {}
  getMenuItemById(id: string): MenuItem | null {
    return this.items.find((item) => item.id === id) ?? null;
  }
}

export class Tray extends EventEmitter {
  _image: Image;
  private dead = false;

  constructor(image: Image | string) {
    super();
    if (browser.phase !== "ready") throw new Error("Cannot create Tray before app is ready");
    this._image = nonEmpty(image);
  }
  override on(event: string, listener: (...args: unknown[]) => void): this {
    if (process.platform === "linux" && event !== "click") note(`tray '${event}' never happens on Linux`);
    return super.on(event, listener);
  }
  setImage(image: Image | string): void {
    this._image = nonEmpty(image);
  }
  setToolTip(_text: string): void {}
  setContextMenu(_menu: object | null): void {}
  destroy(): void {
    this.dead = true;
  }
  isDestroyed(): boolean {
    return this.dead;
  }
}

function nonEmpty(given: Image | string): Image {
  const image = typeof given === "string" ? nativeImage.createFromPath(given) : given;
  if (image.isEmpty()) throw new Error("Failed to load image for the tray");
  return image;
}

export class Notification extends EventEmitter {
  readonly title: string;
  readonly body: string;

  constructor(options: { readonly title?: string; readonly body?: string } = {}) {
    super();
    this.title = options.title ?? "";
    this.body = options.body ?? "";
  }
  static isSupported(): boolean {
    return true;
  }
  show(): void {
    setImmediate(() => this.emit("show", eventOf({})));
  }
}

export const shell = strict("shell", {
  openExternal(url: string): Promise<void> {
    note(`openExternal ${new URL(url).href} (not opened)`);
    return Promise.resolve();
  },
  openPath: (_file: string): Promise<string> => Promise.resolve(""),
});
