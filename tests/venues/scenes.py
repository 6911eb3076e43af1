"""Every venue's scene: one row each."""

from tests.venues.binancecoinm import scene as binancecoinm
from tests.venues.bingx import scene as bingx
from tests.venues.bybit import scene as bybit
from tests.venues.deribit import scene as deribit
from tests.venues.gate import scene as gate
from tests.venues.htx import scene as htx
from tests.venues.krakenfutures import scene as krakenfutures
from tests.venues.kucoinfutures import scene as kucoinfutures
from tests.venues.okx import scene as okx
from tests.venues.phemex import scene as phemex

SCENES = {
    scene.venue: scene
    for scene in (
        binancecoinm.SCENE,
        bingx.SCENE,
        bybit.SCENE,
        deribit.SCENE,
        gate.SCENE,
        htx.SCENE,
        krakenfutures.SCENE,
        kucoinfutures.SCENE,
        okx.SCENE,
        phemex.SCENE,
    )
}
