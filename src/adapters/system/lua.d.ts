/** esbuild turns such a file into its text. */
declare module '*.lua' {
  const text: string;
  export default text;
}
