// Reads with TensorFlow.js, from what "trainer export --format json" wrote.

import * as tf from "@tensorflow/tfjs-core";
import { setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";

/** Takes 784 values, gives ten probabilities. folder, with a slash at its end, has the library's modules. */
export async function load({ spec, params }, folder) {
  setThreadsCount(1);
  setWasmPaths(folder);
  await tf.setBackend("wasm");
  const layers = spec.layers.map((layer, i) => {
    const { shape, weight, bias } = params[i];
    return layer.kind === "pool" ? layer : { ...layer, weight: tf.tensor(weight, shape), bias: tf.tensor(bias) };
  });

  const apply = (x, { kind, weight, bias, activation }) => {
    switch (kind) {
      case "conv":
        return tf.fused.conv2d({ x, filter: weight, strides: 1, pad: "same", bias, activation });
      case "pool":
        return tf.maxPool(x, 2, 2, "valid");
      case "dense":
        return tf.fused.matMul({ a: tf.reshape(x, [1, -1]), b: weight, bias, activation });
    }
    throw new Error(`a layer of kind ${kind} is unknown here`);
  };
  return (image) => tf.tidy(() => layers.reduce(apply, tf.tensor(image, [1, 28, 28, 1])).dataSync());
}
