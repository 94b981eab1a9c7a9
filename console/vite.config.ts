import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// The server mounts the page at /playground; `npm run dev` sends everything else to a running server.
const server = 'http://127.0.0.1:8080';

export default defineConfig({
  base: '/playground/',
  plugins: [react()],
  build: {
    outDir: 'dist',
    // Hashed files alone, which the server lets browsers keep for ever.
    assetsDir: 'assets',
    // The editor is one file of nearly 3 MB.
    chunkSizeWarningLimit: 4096,
    // Libraries carry directives for a compiler that is not used here.
    rolldownOptions: { checks: { moduleLevelDirective: false } },
  },
  server: {
    proxy: {
      '/graphql': server,
      '/session': server,
      '/playground/examples.json': server,
      '/playground/people.json': server,
    },
  },
});
