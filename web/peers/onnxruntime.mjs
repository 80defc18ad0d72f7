// Reads with ONNX Runtime, from what "trainer export --format onnx" wrote.

import * as ort from "onnxruntime-web/wasm";

ort.env.wasm.numThreads = 1; // as Rakam has; more need a page that is isolated from others

/** Takes 784 values, gives ten probabilities. */
export async function load(onnx) {
  const session = await ort.InferenceSession.create(onnx, { executionProviders: ["wasm"] });
  return async (image) => {
    const { probabilities } = await session.run({ image: new ort.Tensor("float32", image, [1, 784]) });
    return probabilities.data;
  };
}
