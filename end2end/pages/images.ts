// Pictures for choosers of files, and whether a page shows one.

import { expect, type Locator } from '@playwright/test';
import { crc32, deflateSync } from 'node:zlib';

/** A complaint of the recorder of failed tests, not of a page: it fetches what is shown from the browser's own memory. */
export const recorder = /Connecting to 'blob:/;

/** A file as a chooser takes it. */
export interface Chosen {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

/** A PNG of one colour. */
export function picture(name: string, [red, green, blue]: [number, number, number], width = 96, height = 64): Chosen {
  const chunk = (kind: string, content: Buffer): Buffer => {
    const named = Buffer.concat([Buffer.from(kind, 'latin1'), content]);
    const number = (n: number): Buffer => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(n >>> 0);
      return bytes;
    };
    return Buffer.concat([number(content.length), named, number(crc32(named))]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  // Eight bits a channel, red green blue.
  head.set([8, 2, 0, 0, 0], 8);
  const row = Buffer.concat([Buffer.from([0]), Buffer.from(Array.from({ length: width }, () => [red, green, blue]).flat())]);
  const rows = deflateSync(Buffer.concat(Array.from({ length: height }, () => row)));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const buffer = Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))]);
  return { name: `${name}.png`, mimeType: 'image/png', buffer };
}

/** A drawing that can hold a program, under the name of a photograph. */
export const disguised: Chosen = {
  name: 'photo.jpg',
  mimeType: 'image/jpeg',
  buffer: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
};

/** Waits until an image has come and is drawn. */
export async function drawn(image: Locator): Promise<void> {
  await image.scrollIntoViewIfNeeded();
  await expect.poll(() => image.evaluate((element) => (element as HTMLImageElement).naturalWidth)).toBeGreaterThan(0);
}
