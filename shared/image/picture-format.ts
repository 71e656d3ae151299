// How a decoded digit becomes the bytes of a picture, as numbered formats. A pinned address contains the number, so its
// bytes stay the same when a later format draws differently; a format's bytes never change.

/** Every format that can be drawn, oldest first. renderer.ts has how each draws. */
export const PICTURE_FORMATS = [1, 2] as const;

export type PictureFormat = (typeof PICTURE_FORMATS)[number];

/** What pinned addresses without a number mean: they are older than the numbers. */
const UNNUMBERED_FORMAT: PictureFormat = 1;

/** What addresses that are not pinned draw. */
export const CURRENT_FORMAT: PictureFormat = PICTURE_FORMATS[PICTURE_FORMATS.length - 1]!;

/** The format of an address. @param picture  its number, where it has one */
export function formatOf(picture: PictureFormat | undefined, isPinned: boolean): PictureFormat {
  return picture ?? (isPinned ? UNNUMBERED_FORMAT : CURRENT_FORMAT);
}
