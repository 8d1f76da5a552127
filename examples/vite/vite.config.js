import { defineConfig } from "vite";

// While you develop, Vite serves the page, and passes what is for Socket.IO on to server.js. It keeps the Host header,
// so `origins: "same-origin"` holds there, too.
const target = process.env.SERVER ?? "http://localhost:3000";

export default defineConfig({
  server: {
    proxy: {
      "/socket.io": { target, ws: true },
      "/login": { target },
    },
  },
});
