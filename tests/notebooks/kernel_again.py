"""A plugin for nbval's runs: a kernel that dies before it has said a word is started again, once or twice.

Its five ports are chosen by the parent, freed, and bound by the kernel a moment later; with several kernels at a time
another program now and then is faster. Nothing of a notebook has run by then.
"""

from nbval import kernel

TRIES = 3
_start = kernel.start_new_kernel


def start_new_kernel(*arguments, **options):
    for left in reversed(range(TRIES)):
        try:
            return _start(*arguments, **options)
        except RuntimeError as error:
            if not left or "died before replying" not in str(error):
                raise


kernel.start_new_kernel = start_new_kernel
