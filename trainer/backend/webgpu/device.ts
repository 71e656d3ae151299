// The webgpu backend: Dawn (the package webgpu) finds a GPU through Vulkan, Metal or D3D12, tfjs's own backend runs on
// it, and later failures of the device reach whatever waits for it. https://www.w3.org/TR/webgpu/

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import * as tf from "@tensorflow/tfjs";
import { BackendError } from "../../errors.ts";

/** An open device and its state. */
export interface Gpu {
  readonly device: GPUDevice;
  /** Vendor, architecture and driver, for messages and the bench. */
  readonly description: string;
  /** Resolves to the reason when the device is lost or out of memory; pending until then. */
  readonly failed: Promise<BackendError>;
}

/** Drivers that compute on the CPU. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|basic render/i;
/** Where Linux keeps the Vulkan loader; without it Dawn would only log a warning. */
const VULKAN_FOLDERS = ["/usr/lib", "/usr/lib64", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"];

/** Environment variable with flags for Dawn, such as "adapter=NVIDIA" or "backend=vulkan", separated by spaces. */
const DAWN_FLAGS = "DAWN_FLAGS";

const ADAPTER_OPTIONS = { powerPreference: "high-performance" } as const;

let opened: Gpu | undefined;

/** The device of the webgpu backend. @throws BackendError before `loadWebgpuBackend` */
export function currentGpu(): Gpu {
  if (!opened) throw new BackendError("no webgpu device is open; select the backend first");
  return opened;
}

/** Whether "auto" should train here: there is an adapter, and it is a hardware GPU. */
export async function hasHardwareGpu(): Promise<boolean> {
  if (process.platform === "linux" && !hasVulkanLoader()) return false;
  try {
    const info = await probeAdapter();
    return info !== null && isHardware(info);
  } catch {
    // If selected by name, loadWebgpuBackend reports what is missing; "auto" has other backends.
    return false;
  }
}

/** In another process: without a driver Dawn writes alarming messages to standard error. */
async function probeAdapter(): Promise<GPUAdapterInfo | null> {
  const script = `import(process.argv[1]).then(async ({ create }) => {
    const adapter = await create(JSON.parse(process.argv[2])).requestAdapter(${JSON.stringify(ADAPTER_OPTIONS)});
    const { vendor, architecture, device, description, isFallbackAdapter } = adapter?.info ?? {};
    const info = { vendor, architecture, device, description, isFallbackAdapter };
    console.log(JSON.stringify(adapter && info));
    process.exit();
  })`;
  const args = ["-e", script, import.meta.resolve("webgpu"), JSON.stringify(dawnFlags())];
  return JSON.parse((await promisify(execFile)(process.execPath, args)).stdout);
}

function dawnFlags(): string[] {
  return (process.env[DAWN_FLAGS] ?? "").split(" ").filter(Boolean);
}

/**
 * Opens the device and makes "webgpu" tfjs's current backend. Data can only be read back asynchronously.
 * @throws BackendError that names the missing part
 */
export async function loadWebgpuBackend(): Promise<void> {
  if (!opened) {
    opened = await openGpu(await requestAdapter());
    const { WebGPUBackend } = (await import("@tensorflow/tfjs-backend-webgpu")) as unknown as {
      WebGPUBackend: new (device: GPUDevice, info: GPUAdapterInfo) => tf.KernelBackend;
    };
    tf.removeBackend("webgpu");
    const { device } = opened;
    tf.registerBackend("webgpu", () => new WebGPUBackend(device, device.adapterInfo), 3);
  }
  if (!(await tf.setBackend("webgpu")))
    throw new BackendError("TensorFlow.js could not start its webgpu backend");
}

/** Releases the device, so that the process can end; the backend is removed with it. */
export function closeGpu(): void {
  if (!opened) return;
  tf.removeBackend("webgpu");
  opened.device.destroy();
  opened = undefined;
}

/**
 * Waits until work on the device is done or the device fails, whichever comes first.
 * @throws BackendError when the device is lost or out of memory
 */
export async function onDevice<T>(work: Promise<T>): Promise<T> {
  const { failed } = currentGpu();
  // A lost device also rejects pending operations; its reason is more useful than their rejections.
  const outcome = await Promise.race([
    work.then((value) => ({ value })).catch((cause) => ({ cause })),
    failed,
  ]);
  const pending = Symbol();
  const reason = await Promise.race([failed, Promise.resolve(pending)]);
  if (reason !== pending) throw reason;
  if ("value" in outcome) return outcome.value;
  throw outcome instanceof BackendError ? outcome : ((outcome as { cause: unknown }).cause as Error);
}

async function requestAdapter(): Promise<GPUAdapter> {
  if (!globalThis.navigator?.gpu) {
    const dawn = (await import("webgpu").catch((cause: Error) => {
      throw new BackendError(
        `the package webgpu (Dawn) does not load on ${process.platform}-${process.arch}, Node ` +
          `${process.version}: ${cause.message}`,
        { cause },
      );
    })) as unknown as { create(flags: string[]): GPU; globals: object };
    Object.assign(globalThis, dawn.globals);
    const gpu = { value: dawn.create(dawnFlags()), configurable: true };
    if (!globalThis.navigator)
      Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });
    Object.defineProperty(globalThis.navigator, "gpu", gpu);
  }
  const adapter = await navigator.gpu.requestAdapter(ADAPTER_OPTIONS);
  if (adapter) return adapter;
  const vulkan = hasVulkanLoader()
    ? "the Vulkan loader is here, but no driver that it accepts (NVIDIA: nvidia_icd.json and libGLX_nvidia.so.0, in " +
      "containers NVIDIA_DRIVER_CAPABILITIES=all; others: mesa-vulkan-drivers)"
    : "libvulkan.so.1 is missing (Debian and Ubuntu: libvulkan1)";
  throw new BackendError(
    `no GPU adapter: ${process.platform === "linux" ? vulkan : "no driver for Metal or D3D12 answers"}; see docs/gpu.md`,
  );
}

function hasVulkanLoader(): boolean {
  const folders = [...VULKAN_FOLDERS, ...(process.env.LD_LIBRARY_PATH ?? "").split(":").filter(Boolean)];
  return folders.some((folder) => existsSync(join(folder, "libvulkan.so.1")));
}

function isHardware(info: GPUAdapterInfo): boolean {
  const isFallback = (info as { isFallbackAdapter?: boolean }).isFallbackAdapter === true;
  return !isFallback && !SOFTWARE.test(describe(info));
}

function describe({ vendor, architecture, device, description }: GPUAdapterInfo): string {
  return [vendor, architecture, device, description].filter(Boolean).join(" ");
}

async function openGpu(adapter: GPUAdapter): Promise<Gpu> {
  const { limits } = adapter;
  const description = describe(adapter.info);
  const requiredLimits = {
    maxBufferSize: limits.maxBufferSize,
    maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
    maxComputeWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
    maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
    maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
    maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
  };
  const device = await adapter.requestDevice({ requiredLimits }).catch((cause: Error) => {
    // Dawn adds the places in its source, on further lines.
    const [reason] = cause.message.split("\n");
    throw new BackendError(
      `the GPU (${description}) does not open: ${reason}; if other programs fill its memory (NVIDIA: nvidia-smi), stop ` +
        "them, else see docs/gpu.md",
      { cause },
    );
  });
  const kept = "the last checkpoint is kept, continue from it with --resume";
  const failed = new Promise<BackendError>((resolve) => {
    void device.lost.then(({ reason, message }) =>
      resolve(new BackendError(`the GPU (${description}) was lost: ${message || reason}; ${kept}`)),
    );
    device.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      const { error } = event;
      const isMemory = error instanceof GPUOutOfMemoryError;
      const what = isMemory ? "is out of memory; try a smaller --batch-size" : "refused a command";
      resolve(new BackendError(`the GPU (${description}) ${what}: ${error.message}; ${kept}`));
    });
  });
  return { device, description, failed };
}
