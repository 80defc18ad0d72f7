// Reads with TensorFlow.js, from what "trainer export --format json" wrote.

import * as tf from "@tensorflow/tfjs-core";
import { setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";

/** Takes 784 values, gives ten probabilities. folder, with a slash at its end, has the library's modules. */
export async function load({ spec, params }, folder) {
  setThreadsCount(1);
  setWasmPaths(folder);
  await tf.setBackend("wasm");
  const layers = params.map(({ shape, weight, bias }, n) => {
    const i = n % spec.layers.length;
    const layer = i === spec.layers.length - 1 ? { ...spec.layers[i], activation: "linear" } : spec.layers[i]; // its sigmoid is that of the mean
    return layer.kind === "pool" ? layer : { ...layer, weight: tf.tensor(weight, shape), bias: tf.tensor(bias) };
  });
  const networks = [];
  for (let n = 0; n < layers.length; n += spec.layers.length) networks.push(layers.slice(n, n + spec.layers.length));

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
  return (image) => tf.tidy(() => {
    const x = tf.tensor(image, [1, 28, 28, 1]);
    const logits = networks.map((layers) => layers.reduce(apply, x));
    return tf.sigmoid(tf.div(tf.addN(logits), logits.length)).dataSync();
  });
}
