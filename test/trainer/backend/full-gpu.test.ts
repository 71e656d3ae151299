// A GPU whose memory other programs have filled: its driver is found, and opens no device.

import { afterEach, expect, it, vi } from "vitest";
import { selectBackend } from "../../../trainer/backend/registry.ts";
import { BackendError } from "../../../trainer/errors.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

it("is named with what to do, in one line", async () => {
  const failure =
    "vkCreateDevice failed with VK_ERROR_INITIALIZATION_FAILED\n    at CheckVkSuccessImpl (dawn.cpp:106)\n";
  const adapter = {
    info: { vendor: "nvidia", architecture: "hopper", device: "", description: "" },
    limits: {},
    requestDevice: () => Promise.reject(new Error(failure)),
  };
  vi.stubGlobal("navigator", { gpu: { requestAdapter: async () => adapter } });
  const error = await selectBackend("webgpu").catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(BackendError);
  expect((error as BackendError).message).toMatch(
    /^backend "webgpu": the GPU \(nvidia hopper\) does not open: vkCreateDevice .*_FAILED; .*nvidia-smi.*docs\/gpu\.md$/,
  );
});
