"""Linear algebra on one thread: how many threads share a sum decides how it is rounded.

OpenBLAS, MKL and their like split a product or a decomposition over as many threads as the machine, the environment or
a worker's share of it gives them, and every split adds in another order. Whatever is published, compared or measured is
therefore worked out inside `one_blas_thread`.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import threadpool_limits


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Hold every loaded BLAS to one thread, whatever the environment says; also a decorator."""
    with threadpool_limits(limits=1, user_api="blas"):
        yield
