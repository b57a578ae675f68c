// Files that a test imports as text, so that it also runs where there is no file system.
declare module '*?raw' {
  const text: string
  export default text
}
