/** One name in a folder. Times are in milliseconds since the epoch. */
export interface FolderEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'other';
  readonly length: number;
  /** When the bytes were written or touched. */
  readonly written: number;
  /** When the bytes were written, touched or read; as coarse as the file system keeps it. */
  readonly used: number;
}

/**
 * The operations on files that the store is made of. Tests stop the world before and after each of them.
 *
 * Duties: no operation follows a symbolic link at the last segment of a path; everything made is for its owner
 * alone, whatever the umask; "not there" is a value, every other failure is thrown (STORE_UNREADABLE,
 * STORE_UNWRITABLE, STORE_UNSAFE_FOLDER).
 */
export interface FileSystem {
  /** The bytes of a regular file, or null where there is none. A link, a folder, a longer file throws. */
  read(path: string, maxLength: number): Promise<Uint8Array | null>;
  /** Makes a file, mode 0600. False when something stands there already; nothing is changed then. */
  create(path: string, bytes: Uint8Array): Promise<boolean>;
  /** Puts the bytes of a file, or the names of a folder, on the disk. */
  sync(path: string, kind: 'file' | 'folder'): Promise<void>;
  /** Moves a file over another in one step. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a file. Nothing happens where there is none. */
  remove(path: string): Promise<void>;
  /** Makes a folder and its missing parents, mode 0700. False when something stands there already. */
  makeFolder(path: string): Promise<boolean>;
  /** True for a real folder that only its owner, who we are, can write; false where there is nothing; else throws. */
  checkFolder(path: string): Promise<boolean>;
  /** What a folder holds; empty where there is none. */
  list(path: string): Promise<readonly FolderEntry[]>;
  /** The names in a folder, which take fewer looks at the disk; empty where there is none. */
  names(path: string): Promise<readonly string[]>;
  /** Sets the times to the present. False where there is no file. */
  touch(path: string): Promise<boolean>;
}
