// A WGSL compute shader with its buffers bound: created once, recorded into every step. https://www.w3.org/TR/WGSL/

import { BackendError } from "../../errors.ts";

export interface Binding {
  /** Its name in the shader. */
  readonly name: string;
  readonly buffer: GPUBuffer;
  readonly access: "read" | "read_write";
  /** Type of its elements; f32 by default. */
  readonly type?: "u32" | undefined;
}

export const reads = (name: string, buffer: GPUBuffer, type?: "u32"): Binding => {
  return { name, buffer, access: "read", type };
};
export const writes = (name: string, buffer: GPUBuffer, type?: "u32"): Binding => {
  return { name, buffer, access: "read_write", type };
};

export interface ProgramSource {
  readonly label: string;
  readonly bindings: readonly Binding[];
  /** Must define `@compute fn main`. */
  readonly code: string;
  readonly workgroups: readonly [x: number, y: number, z: number];
}

export interface Program {
  readonly label: string;
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly workgroups: readonly [x: number, y: number, z: number];
}

/** @throws BackendError if the grid is larger than the device allows */
export async function createProgram(device: GPUDevice, source: ProgramSource): Promise<Program> {
  const { label, bindings, code, workgroups } = source;
  const most = device.limits.maxComputeWorkgroupsPerDimension;
  if (workgroups.some((count) => count > most)) {
    throw new BackendError(
      `${label} needs ${workgroups.join(" x ")} workgroups, the GPU allows ${most} each; try a smaller --batch-size`,
    );
  }
  const layout = device.createBindGroupLayout({
    entries: bindings.map(({ access }, binding) => ({
      binding,
      visibility: GPUShaderStage.COMPUTE,
      buffer: { type: access === "read" ? "read-only-storage" : "storage" },
    })),
  });
  const declarations = bindings.map(
    ({ name, access, type = "f32" }, i) =>
      `@group(0) @binding(${i}) var<storage, ${access}> ${name}: array<${type}>;\n`,
  );
  const module = device.createShaderModule({ label, code: declarations.join("") + code });
  const pipeline = await device.createComputePipelineAsync({
    label,
    layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
    compute: { module, entryPoint: "main" },
  });
  const bindGroup = device.createBindGroup({
    layout,
    entries: bindings.map(({ buffer }, binding) => ({ binding, resource: { buffer } })),
  });
  return { label, pipeline, bindGroup, workgroups };
}

export function record(pass: GPUComputePassEncoder, programs: readonly Program[]): void {
  for (const { pipeline, bindGroup, workgroups } of programs) {
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(...workgroups);
  }
}
