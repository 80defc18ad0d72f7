/** Runs a server with a store of its own, and these flags, for as long as use does. */
export function serve(use: (address: string) => Promise<void>, ...flags: string[]): Promise<void>;
