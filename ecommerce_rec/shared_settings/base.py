"""The environment, and what other settings are made from."""

import os
from pathlib import Path

from ecommerce_rec.environment import KEYS, SECRET_TEXT, Environment
from recommendations.setting_types import FOLDER

BASE_DIR = Path(__file__).resolve().parents[2]

env = Environment(os.environ, file=BASE_DIR / ".env")

VAR_DIR = env.read("VAR_DIR", FOLDER, BASE_DIR / "var")
env.prepare_folder("VAR_DIR", VAR_DIR)
# The folders of other settings lie in it.
env.require_right_values()

# The fields of `recommendations.conf.Configuration` that the environment sets.
RECOMMENDATIONS = env.read_configuration(artifacts_dir=VAR_DIR / "models")

SECRET_KEY = env.read("SECRET_KEY", SECRET_TEXT, "")
# What these have signed stays valid.
SECRET_KEY_FALLBACKS: list[str] = env.read("SECRET_KEY_FALLBACKS", KEYS, [])
