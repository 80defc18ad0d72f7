// Go's loader, wasm_exec.js of the Go installation; the build finds it (build.mjs).
declare module "wasm_exec";
