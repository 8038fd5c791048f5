/** The path of a request's URL as it was sent, without the query, which may hold what is not to be repeated. */
export function pathOf(url: string): string {
  return url.split(/[?#]/, 1)[0]!.slice(0, 1_000);
}
