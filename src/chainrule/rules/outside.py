"""Public functions of NumPy that stay without a rule, and why: the reason is part of the refusal."""

from __future__ import annotations

from typing import Any, Final

from .registry import resolve_name

_GROUPS: Final = {
    "it reads or writes files": """np.fromfile np.fromregex np.genfromtxt np.load np.loadtxt np.save
        np.savetxt np.savez np.savez_compressed""",
    "it makes text of numbers, or numbers of text": """np.array2string np.array_repr np.array_str
        np.base_repr np.binary_repr np.datetime_as_string np.format_float_positional
        np.format_float_scientific np.fromstring np.typename np.mintypecode""",
    "it shows or sets how NumPy works": """np.get_include np.get_printoptions np.getbufsize np.geterr
        np.geterrcall np.info np.printoptions np.set_printoptions np.setbufsize np.seterr
        np.seterrcall np.show_config np.show_runtime np.test np.linalg.test np.fft.test""",
    "it is about dates": """np.busday_count np.busday_offset np.datetime_data np.is_busday np.isnat""",
    "it reads the bytes of numbers": """np.frombuffer np.from_dlpack np.packbits np.unpackbits
        np.fromiter""",
    "it asks how an array lies in memory": """np.may_share_memory np.shares_memory np.isfortran
        np.require""",
    "positions that depend on data are not written yet": """np.argpartition np.argwhere
        np.diag_indices np.diag_indices_from np.digitize np.flatnonzero np.isin np.ix_ np.lexsort
        np.mask_indices np.nonzero np.ravel_multi_index np.tril_indices np.tril_indices_from
        np.triu_indices np.triu_indices_from np.unravel_index""",
    "numbers that are not repeated are not written yet": """np.unique np.unique_all
        np.unique_counts np.unique_inverse np.unique_values""",
    "complex numbers in order are not written yet": "np.sort_complex",
    "Fourier transforms are not written yet": """np.fft.fft np.fft.fft2 np.fft.fftfreq np.fft.fftn
        np.fft.fftshift np.fft.hfft np.fft.ifft np.fft.ifft2 np.fft.ifftn np.fft.ifftshift
        np.fft.ihfft np.fft.irfft np.fft.irfft2 np.fft.irfftn np.fft.rfft np.fft.rfft2
        np.fft.rfftfreq np.fft.rfftn""",
    "it makes matrices of the class np.matrix, which NumPy advises against": "np.asmatrix np.bmat",
    "it makes an array of Python objects": "np.frompyfunc",
    "it is an iterator over several arrays: write the loop": "np.nested_iters",
    "it works on sets of numbers: call it on data before the function": """np.intersect1d
        np.setdiff1d np.setxor1d np.union1d""",
    "it says how np.einsum would compute: call it before the function": "np.einsum_path",
    "how many coefficients the rest has depends on data": "np.polydiv",
    "the roots are complex numbers in an order that depends on data": "np.roots",
    "the result is real or complex, which depends on data": "np.linalg.eig np.linalg.eigvals",
    "bins over several axes are not written: count with np.bincount": "np.histogram2d np.histogramdd",
    "values are taken from a list one after the other: use np.where": "np.place",
}


def _named() -> dict[str, str]:
    return {name: reason for reason, names in _GROUPS.items() for name in names.split()}


REASONS: Final[dict[str, str]] = _named()
_BY_CALLABLE: Final[dict[Any, str]] = {
    resolve_name(name): reason for name, reason in REASONS.items()
}


def reason_of(fun: Any) -> str:
    """Why a function has no rule, `""` where nothing is known of it."""
    try:
        return _BY_CALLABLE.get(fun, "")
    except TypeError:  # not hashable
        return ""
