"""Nothing typed into a data file raises or hangs: thousands of mutations of the shipped files."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

import pytest

from handouts.assets import LIBRARY
from handouts.model.vocabulary import Conditions, GeneralPrecautions, Muscles
from handouts.problem import Report
from handouts.source.checked import check_model
from handouts.source.library import parse_exercise
from handouts.source.picture import load_picture
from handouts.source.positioned import read_yaml
from handouts.source.settings import parse_settings
from handouts.source.vocabulary import Vocabulary, read_vocabulary
from handouts.source.workspace import Workspace
from tests_support import draw_samples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pydantic import BaseModel
