// Buffers on the device: our own, and those behind tfjs's tensors.

import * as tf from "@tensorflow/tfjs";
import { onDevice } from "./device.ts";

/** Creates buffers and frees them all at once. */
export interface Arena {
  /** A buffer of `length` words of four bytes, initially zero. */
  readonly words: (label: string, length: number) => GPUBuffer;
  readonly dispose: () => void;
}

export function createArena(device: GPUDevice): Arena {
  const buffers: GPUBuffer[] = [];
  return {
    words(label, length) {
      const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
      const buffer = device.createBuffer({ label, size: 4 * Math.max(1, length), usage });
      buffers.push(buffer);
      return buffer;
    },
    dispose() {
      for (const buffer of buffers) buffer.destroy();
    },
  };
}

/** Bytes packed four to a word, little-endian, as the shaders unpack them. */
export function uploadBytes(device: GPUDevice, arena: Arena, label: string, bytes: Uint8Array): GPUBuffer {
  const padded = new Uint8Array(4 * Math.ceil(bytes.length / 4));
  padded.set(bytes);
  const buffer = arena.words(label, padded.length / 4);
  device.queue.writeBuffer(buffer, 0, padded);
  return buffer;
}

/**
 * Reads float32 back.
 * @throws BackendError when the device is lost or out of memory
 */
export async function readFloats(
  device: GPUDevice,
  buffer: GPUBuffer,
  length: number,
): Promise<Float32Array> {
  const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
  const staging = device.createBuffer({ label: "reading", size: 4 * length, usage });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, staging, 0, 4 * length);
  device.queue.submit([encoder.finish()]);
  await onDevice(staging.mapAsync(GPUMapMode.READ));
  const values = new Float32Array(staging.getMappedRange().slice(0));
  staging.destroy();
  return values;
}

/** What we use of tfjs's backend beyond its types; see its backend_webgpu.js. */
interface TfjsWebgpu {
  readonly tensorMap: { get(id: object): { resource: GPUBuffer | null; values: unknown } };
  readonly commandEncoder: unknown;
  uploadToGPU(id: object): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
}

const tfjs = () => tf.backend() as unknown as TfjsWebgpu;

/** The buffer of a tensor on tfjs's webgpu backend. It is the tensor's until the tensor is assigned or disposed. */
export function bufferOf(tensor: tf.Tensor): GPUBuffer {
  const backend = tfjs();
  backend.uploadToGPU(tensor.dataId);
  return backend.tensorMap.get(tensor.dataId).resource!;
}

/** Submits the commands that tfjs has recorded, so that ours come after them. */
export function flushTfjs(): void {
  const backend = tfjs();
  backend.endComputePassEncoder();
  if (backend.commandEncoder) backend.submitQueue();
}

/** Notifies tfjs that a tensor's buffer was written, so that it drops its copy from an earlier read. */
export function markWritten(tensors: Iterable<tf.Tensor>): void {
  for (const { dataId } of tensors) tfjs().tensorMap.get(dataId).values = null;
}
