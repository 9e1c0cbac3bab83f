"""What every mapping of a project file has in common."""

from pydantic import BaseModel, ConfigDict


class Keys(BaseModel):
    """Known keys only, of the right kind, never changed."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
