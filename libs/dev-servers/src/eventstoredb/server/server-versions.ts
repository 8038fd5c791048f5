/** The versions whose habits the server can have, and what it then calls itself. */
export const SERVER_VERSIONS = {
  '23.10': '23.10.0',
  '24.2': '24.2.0',
  '24.10': '24.10.4',
  '25.1': '25.1.0',
  '26.0': '26.0.0',
} as const;

export type ServerVersion = keyof typeof SERVER_VERSIONS;
