import torch
import torch.nn as nn
import torch.nn.functional as F


class Net( nn.Module ):

    def __init__( self ):
        super( Net, self ).__init__()
        self.conv_a   = nn.Conv2d( 1,  8,  3, padding = 1 )
        self.conv_b   = nn.Conv2d( 8,  16, 3, padding = 1 )
        self.conv_c   = nn.Conv2d( 16, 16, 3, padding = 1 )
        self.deconv   = nn.ConvTranspose2d( 16, 8, 2, stride = 2 )
        self.classify = nn.Linear( 16 * 4 * 4, 4 )

    def forward( self, x ):
        a = F.relu( self.conv_a( x ) )
        b = F.relu( self.conv_b( F.max_pool2d( a, 2 ) ) )
        c = F.relu( self.conv_c( F.max_pool2d( b, 2 ) ) )
        u = F.relu( self.deconv( c ) )
        t = torch.cat( [ u, F.avg_pool2d( a, 2 ) ], dim = 1 )
        t = F.max_pool2d( t, 2 )
        return self.classify( t.flatten( 1 ) )
