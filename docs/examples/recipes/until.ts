/** Resolves when it holds; looks every ten milliseconds. */
export async function until(what: string, holds: () => Promise<boolean>, timeoutMs = 10_000): Promise<void> {
  for (const end = Date.now() + timeoutMs; !(await holds()); await new Promise((next) => setTimeout(next, 10))) {
    if (Date.now() > end) throw new Error(`It did not come to pass: ${what}`);
  }
}
