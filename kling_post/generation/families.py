"""What a provider's error code means for the order: the code list is long and changes, so only its families count.

The families and the way codes fall into them are those of the provider's own client library.
"""

from enum import StrEnum


class Family(StrEnum):
    """Kinds of refusal and failure."""

    VALIDATION = "validation"
    AUTH = "auth"
    QUOTA = "quota"
    RATE_LIMIT = "rate limit"
    SAFETY = "safety"
    PROVIDER = "provider"
    TIMEOUT = "timeout"
    NOT_FOUND = "not found"
    SERVER = "server"
    UNKNOWN = "unknown"


CONFLICT = "conflictTaskUUID"
"""The UUID is known already: for an order that is sent again this means that it was accepted before."""

LOST_ANSWER = "lostAnswer"
"""Ours: the order left, and no answer came back."""

_SAFETY = frozenset(
    {
        *("contentPolicyViolation", "providerContentPolicyViolation", "sensitiveContentDetected", "unsafeContentDetected"),
        *("nsfwContentDetected", "promptBlocked", "imageBlocked", "moderationFailed", "invalidProviderContent"),
    }
)
_AUTH = frozenset(
    {
        *("unauthorized", "forbidden", "permissionDenied", "insufficientPermissions", "authenticationFailed", "authFailed"),
        *("authTimeout", "invalidAuthentication", "invalidCredentials", "missingAuthentication"),
        *("tokenExpired", "tokenInvalid", "tokenMissing", "tokenRevoked", "accountSuspended", "accountDisabled"),
        *("organizationSuspended", "organizationDisabled", "workspaceSuspended", "workspaceDisabled"),
    }
)
_SERVER = frozenset(
    {
        *("internalServerError", "serviceUnavailable", "serverUnavailable", "standardError", "unknownError", "undefinedError"),
        *("defaultError", "unrecognizedResponse", "errorRetrievingAccountManagement"),
    }
)
_PROVIDER = frozenset(
    {
        *("inferenceError", "processingFailed", "taskFailed", "downloadFailed", "uploadFailed", "noAvailableServer"),
        *("modelUnavailable", "modelDisabled", "modelNotReady", "mediaStorageFileCouldNotBeMoved", "timeoutProvider"),
    }
)
_NOT_FOUND = frozenset({"taskCancelled", "taskFailedOrNotFound", "unknownModel"})
_VALIDATION_STARTS = ("invalid", "missing", "conflict", "duplicate", "unsupported", "value", "array", "max")
_VALIDATION = frozenset(
    {
        *("unknownParameter", "incompatibleParameters", "mismatchProviderSettingsProvider", "unknownProviderSettingsProvider"),
        *("modelOwnershipValidationError", "modelAlreadyExists", "transparentModelMismatch", "validationFailed"),
    }
)


def family(code: str) -> Family:
    """The family of an error code; particular codes before general patterns."""
    exact = ((Family.SAFETY, _SAFETY), (Family.AUTH, _AUTH), (Family.SERVER, _SERVER), (Family.PROVIDER, _PROVIDER))
    for kind, codes in (*exact, (Family.NOT_FOUND, _NOT_FOUND), (Family.VALIDATION, _VALIDATION)):
        if code in codes:
            return kind
    patterns = (
        (Family.AUTH, "ApiKey" in code),
        (Family.QUOTA, any(word in code for word in ("Credits", "Quota", "Balance")) or code in {"paymentRequired", "environmentPaused"}),
        (Family.RATE_LIMIT, "ateLimit" in code),
        (Family.VALIDATION, code.startswith(_VALIDATION_STARTS) or "Conflict" in code),
        (Family.PROVIDER, code.startswith("provider")),
        (Family.TIMEOUT, "Timeout" in code),
        (Family.NOT_FOUND, code.endswith(("NotFound", "Expired"))),
    )
    return next((kind for kind, fits in patterns if fits), Family.UNKNOWN)


def stops_the_run(code: str) -> bool:
    """Whether no other order can fare better: the key, the account or its credit is refused."""
    return family(code) in {Family.AUTH, Family.QUOTA}


def may_be_ordered_again(code: str) -> bool:
    """Whether the same order may succeed under a new UUID after a failure; a refused content will be refused again."""
    return family(code) not in {Family.SAFETY, Family.VALIDATION, Family.AUTH, Family.QUOTA}
