// MNIST's files: a header of big-endian numbers, then unsigned bytes.

const kinds = { images: 0x0803, labels: 0x0801 };

/** The samples, size bytes each. Throws where the file is not one of that kind, or not whole. */
export function parseIDX(file: ArrayBuffer, kind: keyof typeof kinds, size: number): Uint8Array {
  const header = kind === "images" ? 16 : 8;
  const view = new DataView(file);
  if (file.byteLength < header || view.getUint32(0) !== kinds[kind]) throw new Error(`no IDX file of ${kind}`);
  const data = new Uint8Array(file, header);
  if (data.length !== view.getUint32(4) * size) throw new Error(`an IDX file of ${view.getUint32(4)} ${kind} has ${data.length} bytes of them`);
  return data;
}
