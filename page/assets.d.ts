/** esbuild copies the file beside the script and gives its address. */
declare module "*.wasm" {
  const address: string;
  export default address;
}
declare module "*.css";
