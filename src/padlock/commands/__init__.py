"""Commands of `python -m padlock`, a module for each. `add` describes it to argparse; `run`: its words, exit status."""
