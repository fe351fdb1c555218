// Styles are put together by the bundler, parts of the manual are texts.
declare module '*.css';
declare module '*.md' {
  const text: string;
  export default text;
}
