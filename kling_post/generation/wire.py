"""The ``videoInference`` body as pydantic models: every field by its wire name, nothing unknown, nothing coerced.

A body read and written again is the same body: keys keep their order, and what was absent stays absent.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Field, ModelWrapValidatorHandler, PrivateAttr, Tag, model_validator


class WireModel(BaseModel):
    """An object of the wire that remembers the order of its keys."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    _keys: tuple[str, ...] = PrivateAttr(default=())

    @model_validator(mode="wrap")
    @classmethod
    def _remember_key_order(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        model = handler(data)
        model._keys = tuple(data) if isinstance(data, Mapping) else ()  # noqa: SLF001 - its own class
        return model

    def to_wire(self) -> dict[str, object]:
        """The same keys in the same order as they were read."""
        fields = {field.alias or name: name for name, field in type(self).model_fields.items()}
        return {key: _to_wire(getattr(self, fields[key])) for key in self._keys}


def _to_wire(value: object) -> object:
    if isinstance(value, WireModel):
        return value.to_wire()
    if isinstance(value, list):
        return [_to_wire(item) for item in value]
    return value


def _shape(value: object) -> str | None:
    if isinstance(value, str):
        return "string"
    return "object" if isinstance(value, Mapping | FrameImage) else None


class FrameImage(WireModel):
    """An image and the place in the video that it fixes."""

    image: str
    frame: Literal["first", "last"] | int | None = None


AnyFrameImage = Annotated[Annotated[str, Tag("string")] | Annotated[FrameImage, Tag("object")], Discriminator(_shape)]


class Element(WireModel):
    """A subject kept the same through the video; named in the prompt as ``<<<element_1>>>``."""

    id: str | None = Field(default=None, max_length=20)
    description: str | None = None
    frontal_image: str | None = Field(default=None, alias="frontalImage")
    images: list[str] | None = Field(default=None, min_length=1, max_length=3)
    videos: list[str] | None = None
    voice: str | None = None
    tags: list[str] | None = None


class Inputs(WireModel):
    """Images that steer the video."""

    frame_images: list[AnyFrameImage] | None = Field(default=None, alias="frameImages", min_length=1, max_length=2)
    elements: list[Element] | None = Field(default=None, min_length=1, max_length=3)


class ShotPrompt(WireModel):
    """One shot of a ``multiPrompt`` list."""

    prompt: str = Field(min_length=2)
    duration: int = Field(ge=1)


class KlingSettings(WireModel):
    """What only this provider has."""

    sound: bool | None = None
    multi_prompt: list[ShotPrompt] | None = Field(default=None, alias="multiPrompt", min_length=1)
    shot_type: Literal["intelligence", "customize"] | None = Field(default=None, alias="shotType")


class ProviderSettings(WireModel):
    """Settings by provider; a Kling task has Kling's."""

    klingai: KlingSettings | None = None


class Safety(WireModel):
    """Content checks: ``fast`` looks at three frames, ``full`` at all."""

    check_content: bool | None = Field(default=None, alias="checkContent")
    mode: Literal["none", "fast", "full"] | None = None


class VideoInference(WireModel):
    """One ``videoInference`` task, all fields that the Kling 3.0 family takes."""

    task_type: Literal["videoInference"] = Field(alias="taskType")
    task_uuid: str | None = Field(default=None, alias="taskUUID")
    model: str
    positive_prompt: str | None = Field(default=None, alias="positivePrompt", min_length=2)
    negative_prompt: str | None = Field(default=None, alias="negativePrompt")
    width: int | None = None
    height: int | None = None
    duration: int | None = None
    inputs: Inputs | None = None
    provider_settings: ProviderSettings | None = Field(default=None, alias="providerSettings")
    output_type: Literal["URL"] | list[Literal["URL"]] | None = Field(default=None, alias="outputType")
    output_format: Literal["MP4", "WEBM", "MOV"] | None = Field(default=None, alias="outputFormat")
    output_quality: int | None = Field(default=None, alias="outputQuality", ge=20, le=99)
    delivery_method: Literal["async"] | None = Field(default=None, alias="deliveryMethod")
    number_results: int | None = Field(default=None, alias="numberResults", ge=1, le=20)
    include_cost: bool | None = Field(default=None, alias="includeCost")
    webhook_url: str | None = Field(default=None, alias="webhookURL", pattern=r"^https?://\S+$")
    upload_endpoint: str | None = Field(default=None, alias="uploadEndpoint", pattern=r"^https?://\S+$")
    ttl: int | None = Field(default=None, ge=60)
    safety: Safety | None = None
    routing: dict[str, Any] | None = None

    @property
    def kling(self) -> KlingSettings:
        """The provider's settings, empty where none were given."""
        settings = self.provider_settings.klingai if self.provider_settings else None
        return settings if settings is not None else KlingSettings()
