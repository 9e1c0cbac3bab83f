"""Models of random weights, built from their configurations alone: the true pipelines in a few megabytes, nothing fetched."""

from pathlib import Path
from typing import Any

import pytest


def _libraries() -> None:
    for library in ("torch", "diffusers", "transformers"):
        pytest.importorskip(library, reason="the extra `local` is not installed")


def _tokenizer() -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    special = ["<pad>", "<eos>", "<bos>", "<unk>", "<image_soft_token>", "<start_of_image>"]
    symbols = special + sorted(pre_tokenizers.ByteLevel.alphabet())
    bytewise = Tokenizer(models.BPE(vocab={symbol: place for place, symbol in enumerate(symbols)}, merges=[], unk_token="<unk>"))
    bytewise.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bytewise.decoder = decoders.ByteLevel()
    names = {"pad_token": "<pad>", "eos_token": "<eos>", "bos_token": "<bos>", "unk_token": "<unk>"}
    return PreTrainedTokenizerFast(tokenizer_object=bytewise, **names, padding_side="left", model_max_length=1024)


def _text_encoder(words: int) -> Any:
    from transformers import Gemma3Config, Gemma3ForConditionalGeneration

    text = {"vocab_size": words, "hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    text |= {"num_key_value_heads": 1, "head_dim": 8, "max_position_embeddings": 1024, "sliding_window": 64, "query_pre_attn_scalar": 8}
    text |= {"pad_token_id": 0, "eos_token_id": 1, "bos_token_id": 2}
    sight = {
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "image_size": 28,
        "patch_size": 14,
    }
    marks = {"mm_tokens_per_image": 4, "image_token_index": 4, "boi_token_index": 5, "eoi_token_index": 5}
    return Gemma3ForConditionalGeneration(Gemma3Config(text_config=text, vision_config=sight, **marks)).eval()


def _ltx2_parts() -> dict[str, Any]:
    from diffusers import AutoencoderKLLTX2Audio, AutoencoderKLLTX2Video, FlowMatchEulerDiscreteScheduler, LTX2VideoTransformer3DModel
    from diffusers.pipelines.ltx2 import LTX2TextConnectors
    from diffusers.pipelines.ltx2.vocoder import LTX2Vocoder

    tokenizer = _tokenizer()
    encoder = _text_encoder(len(tokenizer))
    width, layers = encoder.config.text_config.hidden_size, encoder.config.text_config.num_hidden_layers
    transformer = LTX2VideoTransformer3DModel(
        in_channels=4, out_channels=4, patch_size=1, patch_size_t=1, num_attention_heads=2, attention_head_dim=8, cross_attention_dim=16,
        audio_in_channels=4, audio_out_channels=4, audio_num_attention_heads=2, audio_attention_head_dim=4, audio_cross_attention_dim=8,
        num_layers=2, qk_norm="rms_norm_across_heads", caption_channels=width, rope_double_precision=False, rope_type="split",
        vae_scale_factors=(8, 32, 32),
    )  # fmt: skip
    connectors = LTX2TextConnectors(
        caption_channels=width, text_proj_in_factor=layers + 1, video_connector_num_attention_heads=4, video_connector_attention_head_dim=8,
        video_connector_num_layers=1, video_connector_num_learnable_registers=None, audio_connector_num_attention_heads=4,
        audio_connector_attention_head_dim=8, audio_connector_num_layers=1, audio_connector_num_learnable_registers=None,
        connector_rope_base_seq_len=32, rope_theta=10000.0, rope_double_precision=False, causal_temporal_positioning=False,
        rope_type="split",
    )  # fmt: skip
    # The true compression of 32 by 32 by 8, so that the model's own rules for sizes and lengths hold.
    picture = AutoencoderKLLTX2Video(
        in_channels=3, out_channels=3, latent_channels=4, block_out_channels=(8, 16, 32, 64), decoder_block_out_channels=(8, 16, 32),
        layers_per_block=(1, 1, 1, 1, 1), decoder_layers_per_block=(1, 1, 1, 1), spatial_compression_ratio=32,
        temporal_compression_ratio=8, decoder_spatial_padding_mode="zeros", encoder_causal=True, decoder_causal=False,
    )  # fmt: skip
    sound = AutoencoderKLLTX2Audio(
        base_channels=4, output_channels=2, ch_mult=(1, 1, 1), num_res_blocks=1, attn_resolutions=None, in_channels=2, resolution=32,
        latent_channels=2, norm_type="pixel", causality_axis="height", dropout=0.0, mid_block_add_attention=False, sample_rate=16000,
        mel_hop_length=160, is_causal=True, mel_bins=8,
    )  # fmt: skip
    vocoder = LTX2Vocoder(
        in_channels=16, hidden_channels=32, out_channels=2, upsample_kernel_sizes=[16, 15, 8, 4, 4], upsample_factors=[6, 5, 2, 2, 2],
        resnet_kernel_sizes=[3], resnet_dilations=[[1, 3, 5]], leaky_relu_negative_slope=0.1, output_sampling_rate=24000,
    )  # fmt: skip
    return {
        "transformer": transformer, "vae": picture, "audio_vae": sound, "vocoder": vocoder, "connectors": connectors,
        "scheduler": FlowMatchEulerDiscreteScheduler(), "text_encoder": encoder, "tokenizer": tokenizer, "processor": None,
        "prompt_enhancer": None, "duration_head": None,
    }  # fmt: skip


@pytest.fixture(scope="session")
def tiny_ltx2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of weights as a user brings it."""
    _libraries()
    import torch
    from diffusers import LTX2Pipeline

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("weights") / "ltx2-tiny"
    LTX2Pipeline(**_ltx2_parts()).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_ltx2_with_upsampler(tiny_ltx2: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with a latent upsampler beside it."""
    import shutil

    import torch
    from diffusers.pipelines.ltx2 import LTX2LatentUpsamplerModel

    folder = tmp_path_factory.mktemp("weights") / "ltx2-tiny-upsampled"
    shutil.copytree(tiny_ltx2, folder)
    torch.manual_seed(1)
    upsampler = LTX2LatentUpsamplerModel(
        in_channels=4, mid_channels=32, num_blocks_per_stage=1, dims=3, spatial_upsample=True, temporal_upsample=False,
        use_rational_resampler=False,
    )  # fmt: skip
    upsampler.save_pretrained(folder / "latent_upsampler")
    return folder


def _wan(pipeline: Any, latents_in: int) -> Any:
    import torch
    from diffusers import AutoencoderKLWan, UniPCMultistepScheduler, WanTransformer3DModel
    from transformers import UMT5Config, UMT5EncoderModel

    torch.manual_seed(0)
    tokenizer = _tokenizer()
    tokenizer.model_max_length = 512
    text = UMT5Config(vocab_size=len(tokenizer), d_model=16, d_kv=8, d_ff=32, num_layers=2, num_heads=2)
    transformer = WanTransformer3DModel(
        patch_size=(1, 2, 2), num_attention_heads=2, attention_head_dim=12, in_channels=latents_in, out_channels=16, text_dim=16,
        freq_dim=256, ffn_dim=32, num_layers=2, rope_max_seq_len=64, image_dim=None,
    )  # fmt: skip
    return pipeline(
        tokenizer=tokenizer, text_encoder=UMT5EncoderModel(text).eval(), transformer=transformer, transformer_2=None,
        vae=AutoencoderKLWan(base_dim=3, z_dim=16, dim_mult=[1, 1, 1, 1], num_res_blocks=1, temperal_downsample=[False, True, True]),
        scheduler=UniPCMultistepScheduler(prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=5.0),
    )  # fmt: skip


@pytest.fixture(scope="session")
def tiny_wan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights that begin on text."""
    _libraries()
    from diffusers import WanPipeline

    folder = tmp_path_factory.mktemp("weights") / "wan-tiny"
    _wan(WanPipeline, 16).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_wan_of_images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights that begin on an image, and end on one where there is one."""
    _libraries()
    from diffusers import WanImageToVideoPipeline

    folder = tmp_path_factory.mktemp("weights") / "wan-tiny-images"
    _wan(WanImageToVideoPipeline, 36).save_pretrained(folder)
    return folder
