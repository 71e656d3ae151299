/** Part of every ETag: raise it when the same pixels become other bytes, in any format. */
export const IMAGE_ENCODER_VERSION = 1;
