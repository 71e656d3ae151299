/** esbuild copies the file next to the script and returns its address. */
declare module "*.wasm" {
  const address: string;
  export default address;
}
declare module "*.png" {
  const address: string;
  export default address;
}
declare module "*.css";
