/** The part of pngjs that the recording uses. The package has no types of its own. */
declare module "pngjs" {
  export const PNG: { readonly sync: { read(png: Buffer): { readonly data: Buffer } } };
}
