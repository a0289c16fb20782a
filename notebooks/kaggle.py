# %% [markdown]
# # License plate recognition: data in, measured models out
#
# Fetches the data, trains both models, exports and measures them, shows what they read, and publishes them if the last
# cell is switched on. On Kaggle switch on *Internet* and a *GPU* in the session's settings first. With rendered plates,
# the default, no account's data are needed.
#
# This file is made from `notebooks/kaggle.py` by `python -m notebooks.make`.

# %% tags=["parameters"]
REPOSITORY = "https://github.com/OWNER/license-plate-recognition"
REF = "main"  # a branch, tag or commit
RECIPE = ""  # or one of the repository, such as "recipes/kaggle.yaml"
PARAMS = {}  # other values for params.yaml, such as {"train": {"batch_size": 64}}
# Photographs of a Kaggle dataset instead of rendered plates; with "Add Input" they need no download:
# PARAMS = {"fetch_data": {"sources": [{"name": "cars", "kind": "kaggle", "dataset": "OWNER/SLUG", "use": "both"}]}}
PUBLISH = False  # True: the last cell publishes the models as a version of a dataset of yours
CLONE, OUTPUT = "/tmp/lpr", "/kaggle/working"

# %% [markdown]
# ## Install

# %%
import json
import os
import subprocess
import sys
from pathlib import Path

from IPython.display import Image, display

if not Path(CLONE).exists():
    subprocess.run(["git", "clone", "--quiet", REPOSITORY, CLONE], check=True)
os.chdir(CLONE)
subprocess.run(["git", "checkout", "--quiet", REF], check=True)
subprocess.run([sys.executable, "-m", "lpr.kaggle.install"], check=True)
sys.path.insert(0, CLONE)

from lpr.notebook.command import run

Path(".work").mkdir(exist_ok=True)
Path(".work/params.yaml").write_text(json.dumps(PARAMS))
if RECIPE:
    run("lpr", "params", RECIPE)
run("lpr", "params", ".work/params.yaml")

# %% [markdown]
# ## Look at the data

# %%
run("dvc", "repro", "fetch_data")
display(Image("results/fetch_data/samples.jpg"))

# %% [markdown]
# ## Train, export, measure
#
# Stops in time before the session's limit, with the trainings saved. What is worth keeping is then in the notebook's
# output, where `lpr kaggle fetch --kernel OWNER/NOTEBOOK` finds it.

# %%
run("lpr.kaggle.session", "--until", "evaluate", OUTPUT)

# %% [markdown]
# ## Metrics, curves, errors

# %%
from lpr.notebook.curves import draw_curves

run("dvc", "metrics", "show")
display(Image(draw_curves(Path("results"))))
display(Image("results/evaluate/errors.jpg"))

# %% [markdown]
# ## Readings of test photos

# %%
from lpr.notebook.photos import sample_photos

photos = sample_photos(Path("data"), 6)
run("lpr", "read", *photos, "--models", "models", "--draw", ".work/drawn")
for photo in photos:
    display(Image(f".work/drawn/{photo.stem}.jpg", width=480))

# %% [markdown]
# ## Gates

# %%
run("lpr", "gates", accept=(0, 1))  # 1: one is not met, and the models will not be published

# %% [markdown]
# ## Publish
#
# Only with `PUBLISH = True` above. In a notebook you are signed in already; a secret `KAGGLE_API_TOKEN` (*Add-ons >
# Secrets*) is used where you are not. No credential is printed.

# %%
if PUBLISH:
    Path(".work/publish.yaml").write_text("publish: {target: kaggle}\n")
    run("lpr", "params", ".work/publish.yaml")
    run("lpr.kaggle.session", OUTPUT)
else:
    print("not published: PUBLISH is False")
