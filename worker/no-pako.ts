// In the place of pako, which upng-js asks for and never calls here: see shared/image/read-png.ts.
export {};
