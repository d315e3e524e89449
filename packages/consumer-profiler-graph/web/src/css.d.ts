// Vite makes files of the page from these.
declare module '*.css';
