/** Something that one does wrong, and how. What Gesta says of it is what is thrown. */
export interface Mistake {
  /** What one does, in words. */
  readonly what: string;
  readonly does: () => unknown;
}

/** Mistakes of one kind. */
export interface Chapter {
  readonly title: string;
  /** The file that they are in, whose source is shown. */
  readonly file: string;
  readonly mistakes: readonly Mistake[];
}

export const mistake = (what: string, does: () => unknown): Mistake => ({ what, does });

/** Starts a Nest application that never gets to start, or ends it where it does. */
export async function start(module: object): Promise<void> {
  const { NestFactory } = await import('@nestjs/core');
  const app = await NestFactory.createApplicationContext(module as never, { logger: false, abortOnError: false });
  await app.close();
}
