"""Who signs: a certificate chain and its key, the user's own or a local one for trying things out.

The local identity is a P-256 key and a certificate that it signs itself, with the extended key usage that C2PA asks for (C2PA 2.1,
14.5.1: id-kp-emailProtection). Signatures by it are valid and say that they come from nobody known.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Final

from kling_post.errors import InvalidInputError, MissingToolError
from kling_post.whole_files import part_path, publish

EXTRA: Final = "kling-post[provenance]"
_LOCAL_NAME: Final = "kling-post local test identity"
_LOCAL_DAYS: Final = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a signature is made with."""

    certificates_pem: bytes
    """The signing certificate first, then what vouches for it."""
    key_pem: bytes
    algorithm: str
    """Of C2PA: ``es256``, ``es384``, ``es512``, ``ps256``, ``ed25519``."""
    is_local: bool
    """Whether it is the local one, which nobody trusts."""


def identity_of(certificates: Path, key: Path) -> Identity:
    """The user's own identity.

    Raises:
        MissingToolError: the extra is not installed.
        InvalidInputError: a file is missing, no PEM, or a key that C2PA cannot sign with.
    """
    serialization = _cryptography()
    try:
        chain, secret = certificates.read_bytes(), key.read_bytes()
    except OSError as error:
        raise InvalidInputError(f"{error.filename}: cannot be read ({error.strerror}).", remedy="Give two PEM files.") from error
    if b"BEGIN CERTIFICATE" not in chain:
        raise InvalidInputError(f"{certificates}: holds no certificate in PEM.", remedy="Give the chain, the signing certificate first.")
    try:
        loaded = serialization.load_pem_private_key(secret, password=None)
    except (ValueError, TypeError) as error:
        raise InvalidInputError(f"{key}: no unencrypted private key in PEM.", remedy="Give PKCS #8 without a password.") from error
    return Identity(certificates_pem=chain, key_pem=secret, algorithm=_algorithm(loaded, key), is_local=False)


def local_identity(folder: Path) -> Identity:
    """The local test identity in ``folder``, made where there is none; it lasts a year.

    Raises:
        MissingToolError: the extra is not installed.
        InvalidInputError: the folder cannot be written to.
    """
    _cryptography()
    certificate, key = folder / "local-certificate.pem", folder / "local-key.pem"
    if not (certificate.is_file() and key.is_file()) or _has_expired(certificate):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _make(certificate, key)
        except OSError as error:
            raise InvalidInputError(f"{folder}: cannot be written ({error.strerror}).", remedy="Give a certificate and a key.") from error
    return Identity(certificates_pem=certificate.read_bytes(), key_pem=key.read_bytes(), algorithm="es256", is_local=True)


def _algorithm(key: object, path: Path) -> str:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if isinstance(key, ec.EllipticCurvePrivateKey):
        known = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}
        if key.curve.name in known:
            return known[key.curve.name]
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "ed25519"
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= 2048:
        return "ps256"
    raise InvalidInputError(
        f"{path}: is no key that C2PA signs with.", remedy="Give a P-256, P-384, P-521, Ed25519 or RSA key of 2048 bits."
    )


def _make(certificate: Path, key: Path) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _LOCAL_NAME), x509.NameAttribute(NameOID.ORGANIZATION_NAME, "not verified")])
    now = datetime.now(UTC)
    usage = dict.fromkeys(_KEY_USAGES, False) | {"digital_signature": True}
    signed = (
        x509.CertificateBuilder(subject_name=name, issuer_name=name)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=_LOCAL_DAYS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(secret.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(secret.public_key()), critical=False)
        .sign(secret, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    _write(key, secret.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain), mode=0o600)
    _write(certificate, signed.public_bytes(serialization.Encoding.PEM), mode=0o644)


_KEY_USAGES: Final = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)


def _write(path: Path, content: bytes, *, mode: int) -> None:
    part = part_path(path)
    part.touch(mode=mode)
    part.write_bytes(content)
    publish(part, path)


def _has_expired(certificate: Path) -> bool:
    from cryptography import x509

    try:
        return bool(x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc < datetime.now(UTC) + timedelta(days=1))
    except ValueError:
        return True


def _cryptography() -> ModuleType:
    try:
        return import_module("cryptography.hazmat.primitives.serialization")
    except ImportError as error:
        raise missing_extra() from error


def missing_extra() -> MissingToolError:
    """What is raised where Content Credentials are asked for without their libraries."""
    return MissingToolError("Content Credentials need the extra 'provenance'.", remedy=f"Install it: pip install '{EXTRA}'.")
