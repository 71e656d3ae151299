/** wrangler and the tests give an imported .wasm file as a compiled module. */
declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

/** A file as it is. */
declare module "*.bin" {
  const bytes: ArrayBuffer;
  export default bytes;
}
