/**
 * Keeps pictures: bytes under a name. A name is made of what the bytes are, so under one name there is only ever one
 * thing, and storing it again changes nothing.
 */
export abstract class ObjectStorage {
  /**
   * Keeps the bytes; resolves when they are there to stay.
   * @param name letters, digits and dots, from {@link ./picture.pictureName}
   * @param type their media type
   * @throws {StoreUnavailable} when it is not known whether they are kept; keeping them again does no harm
   */
  abstract put(name: string, bytes: Uint8Array, type: string): Promise<void>;

  /**
   * The bytes under the name; `undefined` where there are none.
   * @throws {StoreUnavailable}
   */
  abstract get(name: string): Promise<Uint8Array | undefined>;
}
