"""How things look: cards, pictures and panels. A view takes a model object and owns no logic."""

from padlock.look.attack_bench import AttackBench
from padlock.look.ca_desk import CaDesk
from padlock.look.card import card, cards, csr_card
from padlock.look.certificate_reader import CertificateReader, from_the_wild
from padlock.look.chain_builder import ChainBuilder
from padlock.look.clock import Clock
from padlock.look.compare_handshakes import CompareHandshakes
from padlock.look.crl_explorer import CrlExplorer
from padlock.look.crl_growth import CrlGrowth
from padlock.look.csr_bench import CsrBench
from padlock.look.csr_builder import CsrBuilder
from padlock.look.diagrams import Arrow, Party, Thing, chain, timeline, who_holds_what
from padlock.look.eavesdropper import Eavesdropper
from padlock.look.explorer import Explorer, explorer
from padlock.look.extension_table import extensions
from padlock.look.fault_bench import FaultBench
from padlock.look.flip_bench import FlipBench
from padlock.look.handshake_player import HandshakePlayer
from padlock.look.key_lab import KeyLab
from padlock.look.key_schedule import KeySchedule
from padlock.look.machine_table import tools_here
from padlock.look.mtls_matrix import MtlsMatrix
from padlock.look.panel import Choice, Flag, LongText, Panel, Press, Span, Text, Upload
from padlock.look.revocation_board import RevocationBoard
from padlock.look.shapes import icon
from padlock.look.shown import Result, Shown
from padlock.look.signing_bench import SigningBench
from padlock.look.speed_trial import SpeedTrial
from padlock.look.switchboard import Switchboard
from padlock.look.take_a_check_away import TakeACheckAway
from padlock.look.trust_bench import TrustBench
from padlock.look.verdict import checklist, verdict_card

__all__ = [
    "Arrow",
    "AttackBench",
    "CaDesk",
    "CertificateReader",
    "ChainBuilder",
    "Choice",
    "Clock",
    "CompareHandshakes",
    "CrlExplorer",
    "CrlGrowth",
    "CsrBench",
    "CsrBuilder",
    "Eavesdropper",
    "Explorer",
    "FaultBench",
    "Flag",
    "FlipBench",
    "HandshakePlayer",
    "KeyLab",
    "KeySchedule",
    "LongText",
    "MtlsMatrix",
    "Panel",
    "Party",
    "Press",
    "Result",
    "RevocationBoard",
    "Shown",
    "SigningBench",
    "Span",
    "SpeedTrial",
    "Switchboard",
    "TakeACheckAway",
    "Text",
    "Thing",
    "TrustBench",
    "Upload",
    "card",
    "cards",
    "chain",
    "checklist",
    "csr_card",
    "explorer",
    "extensions",
    "from_the_wild",
    "icon",
    "timeline",
    "tools_here",
    "verdict_card",
    "who_holds_what",
]
