/** The first of the programs that can be run, by path or by a name on $PATH; undefined if none. */
export function found(...programs: string[]): string | undefined;
